/** Locks on files: all or none of those that a step declares, and one after the other. */
@NullMarked
package io.agentmanager.task.file;

import org.jspecify.annotations.NullMarked;
