/** Locks on the files that steps declare. */
@NullMarked
package io.agentmanager.task.file;

import org.jspecify.annotations.NullMarked;
