/** Facts that the services publish on Kafka: ids and outcomes, never prompts or results. */
@NullMarked
package io.agentmanager.contracts.event;

import org.jspecify.annotations.NullMarked;
