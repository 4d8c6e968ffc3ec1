export { hashImage, type ImageDigest } from './hash-image.ts'
export type { DetachedDocument } from './sign-document.ts'
export {
  countersignFirmwareManifest,
  type Print,
  signFirmwareKeySet,
  signFirmwareManifest,
} from './sign-firmware-manifest.ts'
export { publicKeyOf, type SigningKey } from './signing-key.ts'
