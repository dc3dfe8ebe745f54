/** What is told of the work to whoever watches it. */
@NullMarked
package io.agentmanager.task.meter;

import org.jspecify.annotations.NullMarked;
