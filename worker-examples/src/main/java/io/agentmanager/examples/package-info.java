/** Workers to begin with. Each is a {@code main} of its own; docs/workers.md walks through them. */
@NullMarked
package io.agentmanager.examples;

import org.jspecify.annotations.NullMarked;
