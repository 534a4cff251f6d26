import { S3Client } from '@aws-sdk/client-s3'
import { makeBuckets } from './make-buckets.ts'

const get = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is missing: docker-compose.yml sets it.`)
  return value
}

const endpoint = get('S3_ENDPOINT')
const client = new S3Client({
  endpoint,
  region: get('AWS_REGION'),
  forcePathStyle: true,
  credentials: { accessKeyId: get('S3_ACCESS_KEY_ID'), secretAccessKey: get('S3_SECRET_ACCESS_KEY') },
  // A store that just came up may refuse for some seconds.
  maxAttempts: 10,
})
const backups = get('S3_BACKUP_BUCKET')
const others = [get('S3_LOGS_BUCKET'), get('S3_MODELS_BUCKET')]
await makeBuckets(client, { objects: get('S3_BUCKET'), backups, others })
console.log(`The buckets are there at ${endpoint}.`)
client.destroy()
