/** What is removed, and when: finished workflows with all that belongs to them, silent workers. */
@NullMarked
package io.agentmanager.task.retention;

import org.jspecify.annotations.NullMarked;
