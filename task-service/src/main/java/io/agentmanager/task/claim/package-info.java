/** Handing ready steps to workers. */
@NullMarked
package io.agentmanager.task.claim;

import org.jspecify.annotations.NullMarked;
