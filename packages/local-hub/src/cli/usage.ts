/** What `iothub-local --help` prints. */
export const usage = `iothub-local: an Azure IoT Hub for development, on this machine

  iothub-local start [options]            runs a hub until it is stopped
  iothub-local export --data <folder>     prints the state in a folder as JSON, keys included
  iothub-local import --data <folder> <file>
                                          makes a folder hold the state in a file; - reads standard input

Options of start
  --device <id>          creates a device, unless it exists; may be repeated
  --data <folder>        keeps identities, twins, configurations, jobs, keys and authorities; default: in memory only
  --https-port <port>    REST and MQTT over WebSocket; default: 443, or 8443 where 443 cannot be had
  --mqtt-port <port>     MQTT over TLS; default: 8883
  --host <address>       listens elsewhere than on 127.0.0.1: opens the hub to the network
  --host-name <name>     the name of the hub; default: local-hub.azure-devices.net
  --tier <tier>[:units]  throttles and quota of F1, S1, S2 or S3, such as S1:2; default: none
  --device-ca <file>     trusts an authority that signs certificates of devices, PEM; may be repeated
  --configuration-period <seconds>
                         how often configurations are evaluated; default: 300, as on the real service
  --query-lag <seconds>  how old the twins are that queries see; default: 0
  --accept-bearer-tokens
                         lets programs in that sign in with Microsoft Entra, whatever their tokens say
  --ca-file <file>       where the certificate to trust is written; default: in the data folder, or ./iothub-local-ca.pem
  --verbose              prints a line for every request and event
  --help, --version
`
