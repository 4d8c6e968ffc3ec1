/** A resource as a signature or a request names it: a host and the segments of a path. */
export interface ResourceScope {
  /** Lower case, without port. */
  readonly hostName: string
  readonly segments: readonly string[]
}

/** Takes `host[:port]/a/b` apart. Ports are dropped: clients sign with and without them (wire reference 2.3). */
export function parseResource(resource: string): ResourceScope {
  const [host = '', ...segments] = resource.split('/')
  return { hostName: normalizeHostName(host), segments: segments.filter(segment => segment !== '') }
}

/** A host name in the form in which two of them compare. */
export function normalizeHostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '')
}

/** Tells whether a path lies at or below a scope, by whole segments. */
export function scopeCovers(scope: readonly string[], path: readonly string[]): boolean {
  return scope.length <= path.length && scope.every((segment, index) => segment === path[index])
}
