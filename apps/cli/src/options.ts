import { parseArgs } from 'node:util'
import { StartError } from '@dayshift/runtime'

export interface Options {
  /** Collect and read everything once, then end; else serve the page and go on. */
  once: boolean
  opml: string[]
  feeds: string[]
  pages: string[]
  allowOrigins: string[]
  data: string | undefined
  json: boolean
  help: boolean
}

export const usage = `Usage: npm start [-- options]

  (no option)               serve the page and work in the background
  --once                    collect and read everything from the given sources, print a summary and end
    --opml <file or URL>    an OPML list of feeds; may be repeated, as may the next two
    --feed <URL>            one feed (RSS, Atom, RDF, JSON Feed)
    --page <URL>            one HTML page that lists articles
    --json                  the last line is one JSON object
  --data <folder>           where the data is kept (default .data, or DAYSHIFT_DATA)
  --allow-origin <origin>   fetch from this origin although it is private, such as http://127.0.0.1:8099
  --help                    this text

Settings come from the environment: docs/configuration.md lists them.`

const definition = {
  once: { type: 'boolean' },
  opml: { type: 'string', multiple: true },
  feed: { type: 'string', multiple: true },
  page: { type: 'string', multiple: true },
  'allow-origin': { type: 'string', multiple: true },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** Reads the command line. Throws StartError with one line that says what was wrong. */
export function readOptions(args: string[]): Options {
  const values = parse(args)
  const options: Options = {
    once: values.once ?? false,
    opml: values.opml ?? [],
    feeds: values.feed ?? [],
    pages: values.page ?? [],
    allowOrigins: (values['allow-origin'] ?? []).map(origin),
    data: values.data,
    json: values.json ?? false,
    help: values.help ?? false,
  }
  const given = options.opml.length + options.feeds.length + options.pages.length
  if (options.once && given === 0) {
    throw new StartError('--once needs something to collect from: --opml <file or URL>, --feed <URL> or --page <URL>.')
  }
  if (!options.once && (given > 0 || options.json)) {
    throw new StartError(
      '--opml, --feed, --page and --json go with --once. In the page, sources are added under Sources.',
    )
  }
  return options
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: definition, allowPositionals: false }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new StartError(`${reason}. See npm start -- --help.`)
  }
}

function origin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text)) return text
  throw new StartError(`--allow-origin ${text}: expected an origin such as http://127.0.0.1:8099, without a path.`)
}
