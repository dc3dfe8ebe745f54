package io.agentmanager.worker;

import io.agentmanager.tracing.Spans;

/** Where a worker tells what it does: spans of its attempts, and whoever keeps its metrics. */
record Telemetry(Spans spans, WorkerListener listener) {}
