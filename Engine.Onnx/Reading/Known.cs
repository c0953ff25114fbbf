using System.Collections.Generic;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Names of values that are defined in a graph, and around it.</summary>
/// <param name="outer">Those around it; null for the model's graph.</param>
internal sealed class Known(Known? outer)
{
    private readonly HashSet<string> _own = [];
    private readonly HashSet<string> _before = [];

    /// <summary>Defines a name.</summary>
    /// <returns>False when the graph itself has it already.</returns>
    internal bool Define(string name) => _own.Add(name);

    /// <summary>Notes that a name is visible to the nodes that follow in the file.</summary>
    internal void Pass(string name) => _before.Add(name);

    /// <summary>Whether a node of the graph may use a name.</summary>
    internal bool Has(string name)
    {
        for (Known? known = this; known is not null; known = known.Outer)
        {
            if (known._own.Contains(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a graph around this one has passed a value of this name already.</summary>
    internal bool Hides(string name)
    {
        for (Known? known = Outer; known is not null; known = known.Outer)
        {
            if (known._before.Contains(name))
            {
                return true;
            }
        }

        return false;
    }

    private Known? Outer => outer;
}
