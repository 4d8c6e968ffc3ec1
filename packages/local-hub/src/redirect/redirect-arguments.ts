import { type Redirects, redirectOf } from './redirects.ts'

/**
 * Changes the arguments of `tls.connect`, of whichever of its forms, so that they lead where the redirects say. The name that the
 * server has to prove stays the one that was asked for.
 */
export function redirectArguments(args: readonly unknown[], redirects: Redirects): readonly unknown[] {
  const options = mergeArguments(args)
  const { host, port, servername } = options
  const hostName = typeof host === 'string' ? host : 'localhost'
  const target = redirectOf(redirects, { host: hostName, port: Number(port) })
  if (target === undefined) return args
  // A path would be taken for that of a socket, and win.
  const redirected = { ...options, ...target, path: undefined, servername: servername ?? hostName }
  return [redirected, ...args.filter(argument => typeof argument === 'function')]
}

interface ConnectOptions {
  readonly host?: unknown
  readonly port?: unknown
  readonly servername?: unknown
}

/** `connect(options)`, `connect(port, options)`, `connect(port, host, options)`. */
function mergeArguments(args: readonly unknown[]): ConnectOptions {
  const [first, second] = args
  const options: object = Object.assign({}, ...args.filter(argument => typeof argument === 'object'))
  const isPort = typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))
  if (!isPort) return options
  return { ...options, port: first, ...(typeof second === 'string' ? { host: second } : {}) }
}
