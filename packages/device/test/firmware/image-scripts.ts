import type { Exchange, ServerScript } from './hostile-server.ts'

/** How {@link serveImage} behaves. */
export interface ServeImageOptions {
  /** Default: `"v1"`. */
  readonly etag?: string | undefined
  /** What is sent of the body: `undefined` is all of it. The connection is reset then. */
  readonly resetAfter?: ((exchange: Exchange) => number | undefined) | undefined
}

/** A well-behaved server, with ranges, that may lose its connections. */
export function serveImage(image: Uint8Array, options: ServeImageOptions = {}): ServerScript {
  const { etag = '"v1"', resetAfter } = options
  return async exchange => {
    const { range, 'if-range': ifRange } = exchange.request.headers
    const first = ifRange === etag ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0
    const body = image.subarray(first)
    await exchange.write(
      head(first === 0 ? 200 : 206, {
        etag,
        'content-length': body.length,
        ...(first === 0 ? {} : { 'content-range': `bytes ${first}-${image.length - 1}/${image.length}` }),
      }),
    )
    const bytes = resetAfter?.(exchange)
    await exchange.write(body.subarray(0, bytes))
    if (bytes === undefined) exchange.end()
    else await exchange.reset()
  }
}

/** The head of an answer. */
export function head(status: number, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Status\r\nconnection: close\r\n${lines.join('')}\r\n`
}

/** A server that answers with the same bytes whatever it is asked. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
  body: string | Uint8Array = '',
): ServerScript {
  return async exchange => {
    await exchange.write(head(status, headers))
    await exchange.write(body)
    exchange.end()
  }
}

/** One script for each request in turn; the last one for all that follow. */
export function inTurn(...scripts: readonly ServerScript[]): ServerScript {
  return exchange => (scripts[exchange.request.number - 1] ?? scripts.at(-1))?.(exchange)
}

/** A server that does not end. */
export function endless(headers: Readonly<Record<string, string | number>>, part: Uint8Array): ServerScript {
  return async exchange => {
    await exchange.write(head(200, headers))
    while (exchange.isOpen()) await exchange.write(part)
  }
}
