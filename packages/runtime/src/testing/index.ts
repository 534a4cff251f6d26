export { startProcess, type TestProcess } from './process.ts'
