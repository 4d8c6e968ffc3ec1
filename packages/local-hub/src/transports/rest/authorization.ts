import type { onRequestHookHandler } from 'fastify'
import type { RefusalReason } from '../../hub-core/auth/access-decision.ts'
import type { Permission } from '../../hub-core/auth/policy.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { requestPath } from './request-path.ts'

/** No semicolon or colon: the Node.js client shows the text up to there. Callers are not told why they are refused, except where the hub is to blame. */
const refusalTexts: Partial<Record<RefusalReason, string>> = {
  bearerToken:
    'The local hub takes shared access signatures, and bearer tokens only when started with acceptBearerTokens.',
}

/** A hook that lets a request pass only with a token for its path and this permission (wire reference 2.3). */
export function requirePermission(core: HubCore, permission: Permission): onRequestHookHandler {
  return (request, _reply, done) => {
    const decision = core.access.decideService(request.headers.authorization, pathSegments(request.url), permission)
    if (decision.granted) return done()
    core.events.emit({ type: 'accessRefused', client: 'service', reason: decision.reason })
    throw new HubError('IotHubUnauthorizedAccess', refusalTexts[decision.reason] ?? 'Unauthorized')
  }
}

function pathSegments(url: string): readonly string[] {
  return requestPath(url)
    .split('/')
    .filter(segment => segment !== '')
    .map(decodeSegment)
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
