using System.Collections.Generic;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What the names in a graph stand for; names that are not its own are looked up around it.</summary>
/// <param name="outer">What is around it; null for the model's graph.</param>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, Item> _own = [];
    private readonly Scope? _outer = outer;

    /// <summary>Sets what a name stands for.</summary>
    internal void Set(string name, Item item) => _own[name] = item;

    /// <summary>What a name stands for; null where the node that defines it was refused.</summary>
    internal Item? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope._outer)
        {
            if (scope._own.TryGetValue(name, out Item? item))
            {
                return item;
            }
        }

        return null;
    }
}
