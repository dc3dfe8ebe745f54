/** What the pure parts cost, by themselves: {@code ./am bench micro}. */
@org.jspecify.annotations.NullMarked
package io.agentmanager.benchmarks.micro;
