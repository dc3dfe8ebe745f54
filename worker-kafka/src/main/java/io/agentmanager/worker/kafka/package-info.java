/** The doorbell for workers inside the cluster. */
@NullMarked
package io.agentmanager.worker.kafka;

import org.jspecify.annotations.NullMarked;
