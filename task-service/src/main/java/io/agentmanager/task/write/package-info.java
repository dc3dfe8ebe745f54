/** The write path: commands gather in lanes, a batch is one transaction. */
@NullMarked
package io.agentmanager.task.write;

import org.jspecify.annotations.NullMarked;
