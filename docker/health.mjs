// The health check of the images: GET /health of the process beside it; the argument names the variable with its port.
// Plain JavaScript without packages: it is started twice a minute.
import { get } from 'node:http'

const variable = process.argv[2] ?? ''
const request = get({ host: '127.0.0.1', port: process.env[variable], path: '/health', timeout: 2_000 }, (response) => {
  process.exit(response.statusCode === 200 ? 0 : 1)
})
request.on('timeout', () => request.destroy(new Error('no answer within 2 s')))
request.on('error', (error) => {
  console.error(`health: ${variable}: ${error.message}`)
  process.exit(1)
})
