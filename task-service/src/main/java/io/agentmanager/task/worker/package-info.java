/** Who works, and the heartbeats that keep leases alive. */
@NullMarked
package io.agentmanager.task.worker;

import org.jspecify.annotations.NullMarked;
