/** How fast it is: scenarios against a running system, beside what its PostgreSQL can do. */
@NullMarked
package io.agentmanager.benchmarks;

import org.jspecify.annotations.NullMarked;
