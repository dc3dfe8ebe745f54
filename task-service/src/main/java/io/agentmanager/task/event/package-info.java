/** Events of other services, and what they make the task-service do. */
@NullMarked
package io.agentmanager.task.event;

import org.jspecify.annotations.NullMarked;
