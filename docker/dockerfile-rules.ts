/** One instruction of a Dockerfile: `COPY`, its flags such as `--from=build`, and the rest as it stands. */
interface Instruction {
  keyword: string
  flags: string[]
  rest: string
}

interface Stage {
  name: string
  /** Name of a stage before it, or what it is built on. */
  from: string
  /** Runs on the builder's platform, whatever is built. */
  onBuilder: boolean
  instructions: Instruction[]
}

const EXEC_FORM_OF_NODE = /^\["node"(, *"[^"]+")+\]$/
const SECRET = /secret|password|passwd|token|credential|api_?key|private/i

/**
 * What is wrong with a Dockerfile, a line each. `targets` are the stages that are shipped: nothing runs in them while
 * they are built (so that any platform can be built without emulation), and they need neither root nor a shell.
 */
export function checkDockerfile(text: string, targets: string[]): string[] {
  const instructions = readInstructions(text)
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM')
  const globals = instructions.slice(0, firstFrom).map(({ rest }) => rest.split('='))
  const images = new Map(globals.map(([name = '', ...value]) => [name, value.join('=')]))
  const stages = readStages(instructions.slice(firstFrom))
  return [
    ...(/^#\s*(syntax|escape|check)\s*=/im.test(text)
      ? ['a parser directive asks for a frontend from the network']
      : []),
    ...[...images].flatMap(([name, image]) => checkImage(name, image, images)),
    ...stages.flatMap((stage, index) => checkFrom(stage, stages.slice(0, index), images)),
    ...instructions.flatMap(checkInstruction),
    ...targets.flatMap((target) => checkTarget(target, stages)),
  ]
}

function readInstructions(text: string): Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [keyword = '', ...words] = line.trim().split(/ +/)
      const flags = words.slice(0, words.findIndex((word) => !word.startsWith('--')) >>> 0)
      return { keyword: keyword.toUpperCase(), flags, rest: words.slice(flags.length).join(' ') }
    })
}

function readStages(instructions: Instruction[]): Stage[] {
  const stages: Stage[] = []
  for (const instruction of instructions) {
    if (instruction.keyword !== 'FROM') {
      stages.at(-1)?.instructions.push(instruction)
      continue
    }
    const [from = '', , name = ''] = instruction.rest.split(' ')
    const parent = stages.find((stage) => stage.name === from)
    const onBuilder = parent?.onBuilder ?? instruction.flags.includes('--platform=$BUILDPLATFORM')
    stages.push({ name, from, onBuilder, instructions: [] })
  }
  return stages
}

function checkImage(name: string, image: string, images: Map<string, string>): string[] {
  const other = /^\$\{(\w+)\}$/.exec(image)?.[1]
  if (other !== undefined) return images.has(other) ? [] : [`ARG ${name} names ${other}, which is not declared`]
  const tag = /:([^:/@]+)(@sha256:[0-9a-f]{64})?$/.exec(image)?.[1]
  if (tag === undefined) return [`ARG ${name}=${image}: expected an image with a tag`]
  return tag === 'latest' ? [`ARG ${name}=${image}: latest is another image tomorrow`] : []
}

function checkFrom({ name, from }: Stage, before: Stage[], images: Map<string, string>): string[] {
  const argument = /^\$\{(\w+)\}$/.exec(from)?.[1]
  const isKnown = argument === undefined ? before.some((stage) => stage.name === from) : images.has(argument)
  return isKnown ? [] : [`FROM ${from} AS ${name}: expected an earlier stage or an argument with a default`]
}

function checkInstruction({ keyword, flags, rest }: Instruction): string[] {
  if (keyword === 'ADD') return [`ADD ${rest}: COPY says what it does`]
  if (keyword === 'ARG' || keyword === 'ENV')
    return SECRET.test(rest) ? [`${keyword} ${rest}: looks like a secret`] : []
  if (keyword !== 'RUN') return []
  return [
    ...(/\bnpm (i|install|add)\b/.test(rest) ? ['RUN: expected npm ci, which installs what the lock file says'] : []),
    ...(/\bnpm ci\b/.test(rest) && !rest.includes('--ignore-scripts') ? ['RUN npm ci without --ignore-scripts'] : []),
    ...(/\b(curl|wget|apt-get|apt|apk)\b/.test(rest) ? ['RUN fetches what no lock file pins'] : []),
    ...(flags.some((flag) => flag.includes('type=secret')) ? ['RUN: the build needs no secret'] : []),
  ]
}

function checkTarget(target: string, stages: Stage[]): string[] {
  const chain: Stage[] = []
  for (let name = target; ;) {
    const stage = stages.find((one) => one.name === name)
    if (!stage) break
    chain.unshift(stage)
    name = stage.from
  }
  if (chain.length === 0) return [`there is no stage ${target}`]
  const all = chain.flatMap(({ instructions }) => instructions)
  const last = (keyword: string) => all.findLast((instruction) => instruction.keyword === keyword)?.rest
  const own = chain.at(-1)?.instructions ?? []
  const says = (keyword: string) => own.findLast((instruction) => instruction.keyword === keyword)?.rest ?? ''
  const problems = {
    'is built on the builder’s platform': chain.some(({ onBuilder }) => onBuilder),
    'runs something while it is built': all.some(({ keyword }) => keyword === 'RUN'),
    'has no USER by number, or root': !/^[1-9]\d*(:[1-9]\d*)?$/.test(last('USER') ?? ''),
    'has no STOPSIGNAL SIGTERM': last('STOPSIGNAL') !== 'SIGTERM',
    'keeps the entry point of its base': last('ENTRYPOINT') !== '[]',
    'has no CMD in exec form that is node': !EXEC_FORM_OF_NODE.test(says('CMD')),
    'has no HEALTHCHECK in exec form that is node': !EXEC_FORM_OF_NODE.test(says('HEALTHCHECK').replace(/^CMD /, '')),
    'copies from the folder of the build': all.some((one) => one.keyword === 'COPY' && !one.flags.some(isFrom)),
    'gives files to another than root': all.some(({ flags }) => flags.some((flag) => /^--chown=(?!0:0$)/.test(flag))),
  }
  return Object.entries(problems).flatMap(([problem, is]) => (is ? [`${target} ${problem}`] : []))
}

const isFrom = (flag: string): boolean => flag.startsWith('--from=')
