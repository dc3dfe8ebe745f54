/** What tenants may use: steps at a time, and what models cost a day. */
@NullMarked
package io.agentmanager.task.limit;

import org.jspecify.annotations.NullMarked;
