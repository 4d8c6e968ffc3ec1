/**
 * Bounds that keep an operation inside the hub's limits. The first group is IoT Hub's own (quotas and throttling page; twin
 * rules: understand and use device twins), the second is this library's share of it.
 */
export const limits = {
  /** Request and response of a direct method, in bytes. */
  methodPayloadBytes: 131_072,
  /** Reported and desired properties, each, counted as the hub does. */
  twinSectionBytes: 32_768,
  /** One string value in a twin, in bytes. */
  twinStringBytes: 4096,
  /** Depth of objects below a twin section. */
  twinDepth: 10,
  /** Name of a direct method, in characters. */
  methodNameLength: 100,

  /** Name of an action, configuration, phase or error code, in characters. */
  nameLength: 64,
  /** Operation id, in characters. */
  operationIdLength: 64,
  /** `detail` of an operation record, in characters. */
  detailLength: 128,
  /** Message of an operation error, in characters. */
  errorMessageLength: 128,
} as const
