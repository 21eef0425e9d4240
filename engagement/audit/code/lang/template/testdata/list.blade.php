@extends('layouts.app', ['title' => $title])
@props(['orders', 'size' => 3])
{{-- napkin: ignore db.n1-relation --}}
@php
    $total = $orders->sum('price');
    foreach ($orders as $o) { $o->touch(); }
@endphp
@php($count = $orders->count())
@section('title', 'Orders')
@section('content')
  @foreach ($orders as $key => $order)
    <p>{{ $order->user->name }} {!! $order->note ?? '' !!} @{{ vue.js }}</p>
    @if ($order->lines()->count() > 0 && ! $order->hidden)
      @include('orders.line', ['line' => $order->line, 'n' => count($order->lines)])
    @elseif ($loop->first)
      @break
    @else
      @continue($order->skip)
    @endif
    @can('update', $order)
      <a href="{{ route('orders.edit', [$order, 'tab' => "x"]) }}">me@example.com @media (min-width: 3px)</a>
    @else
      none
    @endcan
  @endforeach
  @forelse ($users as $user)
    <x-user.card :user="$user->profile" :$size title="Hi {{ $user->name }}" wire:model="q" {{ $attributes }} />
  @empty
    @empty($fallback) x @endempty
  @endforelse
  @for ($i = 0; $i < 3; $i++)
    {{ $i }}
  @endfor
  @while ($row = next($rows)) {{ $row }} @endwhile
  @unless ($a) b @endunless
  @isset($a->b) {{ $a->b }} @endisset
  @each('jobs.row', $jobs, 'job', 'jobs.none')
  @includeWhen($admin, 'admin.bar', ['user' => auth()->user()])
  @include('x', compact('a', 'b'))
  @switch($order->state)
    @case(1)
      one @break
    @default
      {{ $other }}
  @endswitch
  @auth('admin') {{ $me->team->name }} @endauth
  @livewire('counter', ['count' => 3])
  <livewire:chart :data="$orders->groupBy('day')">
  <x-modal name="a"><x-slot:title>{{ $t }}</x-slot></x-modal>
  @money($order->total)
  @cache('key', 60) {{ $site->posts->count() }} @endcache
  @verbatim {{ not.read }} @endverbatim
  <?php echo $plain->php; ?> <?= $short ?>
  <div @class(['a' => $order->isOpen()]) @click="foo()">@@if {{ /* c */ $z // last
  }}</div>
@endsection
