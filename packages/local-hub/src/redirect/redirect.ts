// Loaded before a program, by `node --require @iothub-dm/local-hub/redirect`: leads its TLS connections to a hub that is not there to
// the local one, and leaves all others alone. For development: nothing else should ever load it.
import { syncBuiltinESMExports } from 'node:module'
import tls from 'node:tls'
import { redirectArguments } from './redirect-arguments.ts'
import { parseRedirects } from './redirects.ts'

const redirects = parseRedirects(process.env.IOTHUB_REDIRECT ?? '')

if (redirects.size > 0) {
  const { connect } = tls
  Object.assign(tls, {
    connect: (...args: readonly unknown[]): unknown => Reflect.apply(connect, tls, redirectArguments(args, redirects)),
  })
  syncBuiltinESMExports()
}
