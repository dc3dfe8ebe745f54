/** A service's journal: append with the state, relay to Kafka in order, read events back. */
@NullMarked
package io.agentmanager.journal;

import org.jspecify.annotations.NullMarked;
