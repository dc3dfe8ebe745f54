/** What goes on in a tenant, for people who look. */
@NullMarked
package io.agentmanager.task.overview;

import org.jspecify.annotations.NullMarked;
