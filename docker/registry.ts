/** The registry did not say which digest an image has. */
export class RegistryError extends Error {
  override name = 'RegistryError'
}

/** A list for several platforms before a manifest for one: the pin must hold on amd64 and arm64. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const DIGEST = /^sha256:[0-9a-f]{64}$/
const TIMEOUT_MS = 20_000

/**
 * The digest that `name:tag` has now, asked without an account. Throws RegistryError.
 * HEAD of the manifest as in the OCI Distribution Specification 1.1, "Pulling manifests"; a 401 names where an
 * anonymous token is to be had, as in the CNCF Distribution's "Token Authentication Specification".
 * `registry` is used in place of `https://` and the image's host.
 */
export async function getDigest(image: string, registry?: string): Promise<string> {
  const { host, name, tag } = readReference(image)
  const url = `${registry ?? `https://${host}`}/v2/${name}/manifests/${tag}`
  const head = (token?: string): Promise<Response> =>
    request(url, {
      method: 'HEAD',
      headers: { accept: ACCEPT, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    })
  let answer = await head()
  if (answer.status === 401) answer = await head(await getToken(image, answer.headers.get('www-authenticate') ?? ''))
  if (answer.status === 404) throw new RegistryError(`${image}: ${host} does not have it. Is the tag right?`)
  if (answer.status === 429) throw new RegistryError(`${image}: ${host} wants fewer requests. Try again in an hour.`)
  if (!answer.ok) throw new RegistryError(`${image}: expected 200 of ${host}, got ${answer.status}.`)
  const digest = answer.headers.get('docker-content-digest') ?? ''
  if (!DIGEST.test(digest)) throw new RegistryError(`${image}: expected a digest sha256:… of ${host}, got "${digest}".`)
  return digest
}

/** `node:24` is `library/node` of Docker Hub; a first part with a dot or a port is a host. */
function readReference(image: string): { host: string; name: string; tag: string } {
  const colon = image.lastIndexOf(':')
  const [path, tag] = [image.slice(0, colon), image.slice(colon + 1)]
  if (colon < 1 || tag.includes('/')) throw new RegistryError(`${image}: expected name:tag.`)
  const [first = '', ...rest] = path.split('/')
  if (rest.length > 0 && /[.:]|^localhost$/.test(first)) return { host: first, name: rest.join('/'), tag }
  return { host: 'registry-1.docker.io', name: rest.length > 0 ? path : `library/${path}`, tag }
}

async function getToken(image: string, challenge: string): Promise<string> {
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
  const realm = parameters.get('realm')
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm)) {
    throw new RegistryError(`${image}: expected to be told where a token is, got "${challenge}".`)
  }
  const url = new URL(realm)
  for (const name of ['service', 'scope']) {
    const value = parameters.get(name)
    if (value !== undefined) url.searchParams.set(name, value)
  }
  const answer = await request(url.href, {})
  if (!answer.ok) throw new RegistryError(`${image}: expected a token of ${url.host}, got ${answer.status}.`)
  const body = (await answer.json()) as { token?: unknown; access_token?: unknown }
  const token = body.token ?? body.access_token
  if (typeof token !== 'string') throw new RegistryError(`${image}: the answer of ${url.host} has no token.`)
  return token
}

async function request(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new RegistryError(`${new URL(url).host} cannot be reached: ${cause}.`, { cause: error })
  }
}
