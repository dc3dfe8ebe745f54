/** Files that steps ask for while they run: waiting for them, and waits that would never end. */
@NullMarked
package io.agentmanager.task.lock;

import org.jspecify.annotations.NullMarked;
