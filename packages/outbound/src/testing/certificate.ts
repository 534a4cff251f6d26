import { generateKeyPairSync, sign } from 'node:crypto'

/** A self-signed certificate for `name`, made on the spot: X.509 version 1 with Ed25519 (RFC 5280, RFC 8410). */
export function createCertificate(name: string): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = der(0x30, der(0x06, Buffer.from([0x2b, 0x65, 0x70])))
  const commonName = der(
    0x30,
    Buffer.concat([der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from(name))]),
  )
  const subject = der(0x30, der(0x31, commonName))
  const validity = der(
    0x30,
    Buffer.concat(['200101000000Z', '490101000000Z'].map((time) => der(0x17, Buffer.from(time)))),
  )
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const serial = der(0x02, Buffer.from([1]))
  const body = der(0x30, Buffer.concat([serial, ed25519, subject, validity, subject, spki]))
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign(null, body, privateKey)]))
  const certificate = der(0x30, Buffer.concat([body, ed25519, signature])).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), content])
}
