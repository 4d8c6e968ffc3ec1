import type { JsonObject } from '@iothub-dm/protocol'
import { isHubError } from '../../hub/hub-error.ts'
import type { ConfigurationCalls, HubConfigurationDocument } from '../../hub/iot-hub.ts'
import { parseConfigurationQueryErrors, parseHubConfiguration } from '../../hub/parse-hub-configuration.ts'
import { type HubCallSubject, invalidHubAnswer } from '../../hub/to-hub-error.ts'
import type { Send } from './send.ts'

/** The most that the hub lists at once, and more than it has. */
const listTop = '100'

/** Hub configurations (wire reference 6). */
export function createConfigurationCalls(send: Send): ConfigurationCalls {
  return {
    async putConfiguration(document, { etag, ...bounds } = {}) {
      const subject: HubCallSubject = { description: `configuration '${document.id}'`, effect: 'hub' }
      const headers = etag === undefined ? {} : { 'If-Match': quoted(etag) }
      const call = { method: 'PUT', path: pathOf(document.id), headers, body: bodyOf(document) } as const
      return parseHubConfiguration(subject, (await send(subject, call, bounds)).body)
    },
    async getConfiguration(id, options = {}) {
      const subject: HubCallSubject = { description: `configuration '${id}'`, effect: 'none' }
      try {
        return parseHubConfiguration(subject, (await send(subject, { method: 'GET', path: pathOf(id) }, options)).body)
      } catch (error) {
        if (isHubError(error) && error.httpStatus === 404 && error.hubCode === configurationNotFound) return undefined
        throw error
      }
    },
    async listConfigurations(options = {}) {
      const subject: HubCallSubject = { description: 'list of configurations', effect: 'none' }
      const call = { method: 'GET', path: '/configurations', query: { top: listTop } } as const
      const { body } = await send(subject, call, options)
      if (!Array.isArray(body)) throw invalidHubAnswer(subject, 'body: expected an array')
      return body.map(row => parseHubConfiguration(subject, row))
    },
    async deleteConfiguration(id, { etag, ...bounds } = {}) {
      const subject: HubCallSubject = { description: `deletion of configuration '${id}'`, effect: 'hub' }
      const headers = { 'If-Match': etag === undefined ? '*' : quoted(etag) }
      await send(subject, { method: 'DELETE', path: pathOf(id), headers }, bounds)
    },
    async testConfigurationQueries({ targetCondition, metricQueries }, options = {}) {
      const subject: HubCallSubject = { description: 'test of the queries of a configuration', effect: 'none' }
      const body = { targetCondition, customMetricQueries: { ...metricQueries } }
      const call = { method: 'POST', path: '/configurations/testQueries', body } as const
      return parseConfigurationQueryErrors((await send(subject, call, options)).body)
    },
  }
}

const configurationNotFound = 404301

function pathOf(id: string): string {
  return `/configurations/${encodeURIComponent(id)}`
}

/** Configurations alone want their ETag in quotes (wire reference 2.5). */
function quoted(etag: string): string {
  return etag === '*' ? etag : `"${etag}"`
}

function bodyOf(document: HubConfigurationDocument): JsonObject {
  const { id, targetCondition, priority, deviceContent, metricQueries, labels } = document
  return {
    id,
    schemaVersion: '2.0',
    content: { deviceContent },
    targetCondition,
    priority,
    metrics: { queries: { ...metricQueries } },
    labels: { ...labels },
  }
}
