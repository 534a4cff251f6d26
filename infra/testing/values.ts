import { Decoder, Encoder, ExtData, ExtensionCodec } from '@msgpack/msgpack'

/** Stands for a value that is known only once it has been applied. */
export const notYetKnown: unique symbol = Symbol('not yet known')

export type Value = null | string | number | boolean | typeof notYetKnown | Value[] | ObjectValue
export interface ObjectValue {
  [name: string]: Value
}

// Every MessagePack extension stands for an unknown value, and its payload may be ignored.
// https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md
class UnknownCodec extends ExtensionCodec {
  override tryToEncode(value: unknown): ExtData | null {
    return value === notYetKnown ? new ExtData(0, new Uint8Array([0])) : null
  }
  override decode(): unknown {
    return notYetKnown
  }
}

const extensionCodec = new UnknownCodec()

export interface WireValue {
  msgpack: Uint8Array
}

export function encode(value: Value): WireValue {
  return { msgpack: Buffer.from(new Encoder({ extensionCodec }).encode(value)) }
}

/** An object of a configuration, a plan or a state; null where there is none. */
export function decode({ msgpack }: WireValue): ObjectValue | null {
  return new Decoder({ extensionCodec }).decode(msgpack) as ObjectValue | null
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects of a block's value: those of a list or set, or the one of a single block. */
export function elements(value: Value | undefined): ObjectValue[] {
  if (Array.isArray(value)) return value.filter(isObject)
  return isObject(value) ? [value] : []
}

/** A simple value as text; nothing for what is missing, unknown or composed. */
export function text(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
