export { emfLine, startEmf, type Emf, type EmfLine, type EmfOptions, type Unit } from './emf.ts'
export { createMetrics, type Counter, type Gauge, type Histogram, type Labels, type Metrics } from './metrics.ts'
export { serveMetrics, type MetricsServer } from './serve.ts'
