import { parseArgs, type ParseArgsConfig } from 'node:util'
import { StartError } from '@dayshift/runtime'

/** What the command line says. Throws StartError with one line that says what was wrong, and how the command is used. */
export function readArguments<const Form extends ParseArgsConfig>(form: Form, usage: string) {
  try {
    return parseArgs(form)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new StartError(`${reason}. Usage: ${usage}`)
  }
}
