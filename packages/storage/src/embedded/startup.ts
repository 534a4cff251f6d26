import { ProtocolError, readCString } from './protocol.ts'

/** What the first packet of a connection asks for. */
export type Startup =
  | { kind: 'encryption' }
  | { kind: 'cancel' }
  | {
      kind: 'session'
      settings: Map<string, string>
      /** What was asked of a later protocol version; none when it is exactly 3.0. */
      unsupported?: string[]
    }

const encryptionRequests = [80877103, 80877104]
const cancelRequest = 80877102

/** The protocol version that is spoken here, 3.0. */
export const protocolVersion = 3 << 16

/** Reads a start-up packet (https://www.postgresql.org/docs/18/protocol-message-formats.html, StartupMessage). */
export function readStartup(packet: Buffer): Startup {
  const code = packet.readInt32BE(4)
  if (encryptionRequests.includes(code)) return { kind: 'encryption' }
  if (code === cancelRequest) return { kind: 'cancel' }
  const [major, minor] = [code >> 16, code & 0xffff]
  if (major !== 3) throw new ProtocolError('08P01', `unsupported protocol version ${major}.${minor}, expected 3.0`)
  const parameters = readParameters(packet)
  for (const name of ['user', 'database']) {
    const value = parameters.get(name) ?? 'postgres'
    if (value !== 'postgres') throw new ProtocolError('3D000', `${name} "${value}" does not exist, expected "postgres"`)
  }
  const extensions = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'))
  const settings = readSettings(parameters)
  return { kind: 'session', settings, ...((minor > 0 || extensions.length > 0) && { unsupported: extensions }) }
}

function readParameters(packet: Buffer): Map<string, string> {
  const parameters = new Map<string, string>()
  for (let offset = 8; offset < packet.length && packet[offset] !== 0;) {
    const [name, afterName] = readCString(packet, offset)
    const [value, next] = readCString(packet, afterName)
    parameters.set(name, value)
    offset = next
  }
  return parameters
}

/** `-c name=value` and `--name=value` of the `options` parameter, and every parameter that is a setting itself. */
function readSettings(parameters: Map<string, string>): Map<string, string> {
  const settings = new Map<string, string>()
  const words = parameters.get('options')?.match(/(?:\\.|\S)+/g) ?? []
  const options = words.map((word) => word.replace(/\\(.)/g, '$1'))
  for (let at = 0; at < options.length; at++) {
    const word = options[at] ?? ''
    const option = word === '-c' ? options[++at] : word.replace(/^--|^-c/, '')
    const [, name, value] = /^([\w.-]+)=(.*)$/s.exec(option ?? '') ?? []
    if (name === undefined || value === undefined) {
      throw new ProtocolError('42601', `invalid start-up option "${word}", expected -c name=value`)
    }
    settings.set(name.replaceAll('-', '_').toLowerCase(), value)
  }
  for (const [name, value] of parameters) {
    if (['user', 'database', 'options', 'replication'].includes(name) || name.startsWith('_pq_.')) continue
    // The default; without this every client of `pg` would have a setting of its own.
    if (name === 'client_encoding' && /^'?utf-?8'?$/i.test(value)) continue
    settings.set(name.toLowerCase(), value)
  }
  return settings
}
