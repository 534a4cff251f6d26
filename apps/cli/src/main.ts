import { keepCompiled } from './keep-compiled.ts'

keepCompiled()
const { runProgram } = await import('./program.ts')
await runProgram({
  args: process.argv.slice(2),
  environment: process.env,
  print: (line) => console.log(line),
})
