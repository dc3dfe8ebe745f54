/** Plans: the rules that each obeys, one derived by rules, one made by a model. */
@NullMarked
package io.agentmanager.planner.plan;

import org.jspecify.annotations.NullMarked;
