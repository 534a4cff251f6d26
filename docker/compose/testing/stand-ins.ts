import { join } from 'node:path'
import { docker, hasImage } from './docker.ts'
import { referencesIn, ROOT, services } from './compose-file.ts'

/** A service as an override of Compose has it; `!override` replaces where Compose would merge. */
type Override = Record<string, unknown>

export interface StandIns {
  services: Record<string, Override>
  /** One line for each image that is not the real one. */
  notes: string[]
}

const imageOf = (name: string) => referencesIn(services[name]!.image)[0]!.default!
const build = (name: string) => ({ context: join(ROOT, 'docker/compose/testing', name) })

/** What has to be replaced on a machine that cannot get the images of the compose file. */
export async function findStandIns(): Promise<StandIns> {
  const found: StandIns = { services: {}, notes: [] }
  const replace = (name: string, by: string, override: Override): void => {
    found.services[name] = override
    found.notes.push(`${imageOf(name)} is not here; in its place ${by}.`)
  }
  if (!(await hasImage(imageOf('store')))) {
    const test = ['CMD', 'curl', '--fail', '--silent', '--output', '/dev/null', 'http://127.0.0.1:8333/']
    const image = 'dayshift-stand-in-store:test'
    replace('store', 'the RADOS gateway of Ceph on SQLite', {
      image,
      build: build('store'),
      command: [],
      healthcheck: { test },
    })
  }
  if (!(await hasImage(imageOf('proxy')))) {
    replace('proxy', 'HAProxy from Debian', { image: 'dayshift-stand-in-proxy:test', build: build('proxy') })
  }
  if (!(await hasImage(imageOf('prometheus')))) {
    const image = 'dayshift-stand-in-prometheus:test'
    replace('prometheus', 'Prometheus from Debian', { image, build: build('prometheus') })
  }
  if (!(await isOfficialPostgres())) {
    // Its entry point does not give the folder of the socket to `postgres`, as the official one does with a tmpfs.
    replace('postgres', 'another image of that name, whose socket is in a volume', {
      tmpfs: { $override: ['/tmp'] },
      volumes: ['/var/run/postgresql'],
    })
  }
  return found
}

async function isOfficialPostgres(): Promise<boolean> {
  if (!(await hasImage(imageOf('postgres')))) return true
  const environment = await docker('image', 'inspect', '--format', '{{.Config.Env}}', imageOf('postgres'))
  return environment.includes('GOSU_VERSION')
}
