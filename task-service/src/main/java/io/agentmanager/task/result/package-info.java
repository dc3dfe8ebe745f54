/** What workers post: results and iterations. */
@NullMarked
package io.agentmanager.task.result;

import org.jspecify.annotations.NullMarked;
