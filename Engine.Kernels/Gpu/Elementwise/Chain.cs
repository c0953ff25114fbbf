using System;
using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Elementwise;

/// <summary>Elementwise nodes that run together, each on what the one before gave: a program for Texts/Elementwise.cl.</summary>
internal sealed class Chain
{
    /// <summary>Operands that a chain may have.</summary>
    internal const int MostOperands = 6;

    /// <summary>Nodes that a chain may have.</summary>
    internal const int MostSteps = 32;

    /// <summary>Numbers that a step is.</summary>
    internal const int StepWords = 8;

    private const int Last = -1;
    private const int GroupSize = 256;

    private readonly List<int> _steps = [];
    private readonly List<Operand> _operands = [];
    private readonly long _count;

    private DType _last;

    private Chain(long count, DType first)
    {
        _count = count;
        _last = first;
    }

    /// <summary>The operands, in the order of their numbers.</summary>
    internal IReadOnlyList<Operand> Operands => _operands;

    /// <summary>The steps, as the texts read them.</summary>
    internal IReadOnlyList<int> Steps => _steps;

    /// <summary>Whether a step is a function.</summary>
    internal bool HasFunctions { get; private set; }

    /// <summary>A chain of the given nodes.</summary>
    /// <param name="nodes">Node after node, with its step; the operand that is what the node before gave is null.</param>
    /// <param name="first">The type of what the first node is given so, if it is.</param>
    internal static Chain Of(IEnumerable<(Node Node, Step Step, ImmutableArray<Operand?> Operands)> nodes, DType first = DType.None)
    {
        Chain? chain = null;
        foreach ((Node node, Step step, ImmutableArray<Operand?> operands) in nodes)
        {
            chain ??= new Chain(node.Outputs[0].Elements, first);
            chain.Add(node, step, operands);
        }

        return chain ?? throw new ArgumentException("a chain has nodes", nameof(nodes));
    }

    /// <summary>Runs it: operands and one output as <see cref="Operands"/> has them.</summary>
    internal void Run(GpuRun run)
    {
        List<int> program = [.. _steps];
        GpuArgument[] arguments = new GpuArgument[4 + MostOperands];
        for (int slot = 0; slot < MostOperands; slot++)
        {
            if (slot >= run.Operands)
            {
                arguments[4 + slot] = run.Output(0);
                continue;
            }

            Operand operand = run.Operand(slot);
            if (Pattern.Of(operand.Map) is Pattern pattern)
            {
                arguments[4 + slot] = run.Source(slot);
                pattern.AppendTo(program, operand.Type.DType);
            }
            else
            {
                (GpuBuffer copy, long offset) = run.Contiguous(slot);
                arguments[4 + slot] = copy;
                new Pattern(offset, 1, (int)_count, 1).AppendTo(program, operand.Type.DType);
            }
        }

        arguments[0] = run.Output(0);
        arguments[1] = (int)_count;
        arguments[2] = _steps.Count / StepWords;
        arguments[3] = run.Table([.. program]);
        run.Launch("Elementwise", HasFunctions ? "chain_functions" : "chain", new GpuGrid((_count + GroupSize - 1) / GroupSize), arguments);
    }

    private void Add(Node node, Step step, ImmutableArray<Operand?> operands)
    {
        if (node.Outputs[0].Elements != _count)
        {
            throw new ArgumentException($"{node.Name} has {node.Outputs[0].Elements} elements, the chain {_count}", nameof(node));
        }

        HasFunctions |= Step.IsFunction(step.Code);
        _steps.Add(step.Code);
        for (int slot = 0; slot < 3; slot++)
        {
            if (slot >= operands.Length || operands[slot] is not Operand operand)
            {
                _steps.Add(Last);
                continue;
            }

            _steps.Add(_operands.Count);
            _operands.Add(operand);
        }

        _steps.Add((int)node.Outputs[0].DType);
        _steps.Add((int)(node.Op is Engine.Ops.Where ? node.Outputs[0].DType : operands.IsEmpty || operands[0] is null ? _last : operands[0]!.Type.DType));
        _steps.Add(BitConverter.SingleToInt32Bits(step.First));
        _steps.Add(BitConverter.SingleToInt32Bits(step.Second));
        _last = node.Outputs[0].DType;
    }

    /// <summary>A map with at most one axis that moves: element i is element offset + (i / divisor % modulus) · stride of the source.</summary>
    internal readonly record struct Pattern(long Offset, int Divisor, int Modulus, int Stride)
    {
        internal static Pattern? Of(AffineView map)
        {
            List<(long Extent, long Stride)> axes = AffineCopy.Merge(map);
            Pattern? found = null;
            long after = 1;
            for (int axis = axes.Count - 1; axis >= 0; axis--)
            {
                (long extent, long stride) = axes[axis];
                if (stride != 0 && extent > 1)
                {
                    if (found is not null || stride is < int.MinValue or > int.MaxValue)
                    {
                        return null;
                    }

                    found = new Pattern(map.Offset, (int)after, (int)extent, (int)stride);
                }

                after *= extent;
            }

            return found ?? new Pattern(map.Offset, 1, 1, 0);
        }

        internal void AppendTo(List<int> program, DType type)
            => program.AddRange([(int)type, Divisor, Modulus, Stride, unchecked((int)Offset), (int)(Offset >> 32)]);
    }
}
