/** What workers measure of themselves, with Micrometer or with OpenTelemetry; each is optional. */
@NullMarked
package io.agentmanager.worker.metrics;

import org.jspecify.annotations.NullMarked;
