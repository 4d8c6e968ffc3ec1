// What every JavaScript platform has beside the language, as far as this package uses it. The types of a whole platform would let in
// timers and the network, which it must do without.

declare function atob(base64: string): string

declare class TextDecoder {
  constructor(encoding: 'utf-8', options: { readonly fatal: boolean })
  decode(bytes: Uint8Array): string
}

declare class URL {
  static canParse(url: string): boolean
  constructor(url: string)
  readonly protocol: string
  readonly username: string
  readonly password: string
}
