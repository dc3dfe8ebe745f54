/** What breaks, and what must hold all the same. */
package io.agentmanager.system.fault;
