/** The truth about workflows and steps. */
@NullMarked
package io.agentmanager.task;

import org.jspecify.annotations.NullMarked;
