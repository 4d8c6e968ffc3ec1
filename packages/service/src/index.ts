export { HubError, type HubErrorCode, type HubErrorDetails, hubErrorCodes, isHubError } from './hub/hub-error.ts'
